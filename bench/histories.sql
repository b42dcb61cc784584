-- The history of many contacts as views of DuckDB, the same for the same number of them. Variables: contacts, touches,
-- moves (how many), companies, start (µs), days. `u` is a number between 0 and 1 that depends on a row and a salt alone.

CREATE MACRO u(i, salt) AS (hash(i * 1000 + salt) % 1000003) / 1000003.0;
CREATE MACRO one_of(i, salt, things) AS things[1 + CAST(floor(u(i, salt) * len(things)) AS INT)];
CREATE MACRO among(i, salt, count, skew) AS 1 + CAST(floor(count * pow(u(i, salt), skew)) AS BIGINT);
CREATE MACRO spread(i, salt, days) AS CAST(u(i, salt) * days * 86400000000 AS BIGINT);
CREATE MACRO moment(i, salt, spare) AS getvariable('start') + spread(i, salt, getvariable('days') - spare);
CREATE MACRO now_at() AS getvariable('start') + getvariable('days') * 86400000000;
CREATE MACRO late(i, salt, share, days) AS CASE WHEN u(i, salt) < share THEN spread(i, salt + 1, days) ELSE 0 END;
CREATE MACRO said(name, value) AS chr(30) || '=' || name || chr(31) || value;

CREATE VIEW people AS SELECT i FROM range(1, getvariable('contacts') + 1) AS r(i);
CREATE VIEW firms AS SELECT i FROM range(1, getvariable('companies') + 1) AS r(i);

CREATE VIEW kinds AS SELECT unnest([
    {kind: 'page', share: 40}, {kind: 'email_open', share: 14}, {kind: 'email_click', share: 12},
    {kind: 'download', share: 12}, {kind: 'form', share: 5}, {kind: 'video', share: 4},
    {kind: 'event_signup', share: 3}, {kind: 'event_attended', share: 3}, {kind: 'reply', share: 2},
    {kind: 'meeting', share: 1}, {kind: 'call_in', share: 1}, {kind: 'chat', share: 1},
    {kind: 'unsubscribe', share: 1}, {kind: 'verified', share: 1}], recursive := true);
SET VARIABLE kinds = (SELECT list(kind) FROM (SELECT kind, unnest(range(share)) FROM kinds));

CREATE VIEW touched AS
SELECT i, one_of(i, 2, getvariable('kinds')) AS kind, among(i, 1, getvariable('contacts'), 1.5) AS whose,
    moment(i, 11, 30) AS occurred_at
FROM range(1, getvariable('touches') + 1) AS r(i);

CREATE VIEW told AS
SELECT *, CASE
    WHEN kind = 'page' THEN said('path', one_of(i, 4,
        ['/pricing', '/blog', '/product', '/cases', '/docs', '/careers', '/contact', '/compare']))
    WHEN kind = 'verified' THEN said('by', 'inside_sales') || said('result', one_of(i, 5, ['passed', 'passed', 'failed']))
    WHEN kind IN ('download', 'video', 'form') THEN said('topic', one_of(i, 6, ['security', 'cost', 'migration']))
    ELSE '' END AS entries
FROM touched;

CREATE VIEW touches AS
SELECT i AS id, 0::BIGINT AS fact_id,
    CASE WHEN u(i, 3) < 0.2 THEN getvariable('contacts') + whose ELSE whose END AS identity_id,
    kind, u(i, 8) < 0.02 AS machine, NULL::VARCHAR AS asset, NULL::VARCHAR AS campaign, 'web' AS channel,
    '{}' AS properties, CASE WHEN entries = '' THEN '' ELSE entries || chr(30) END AS norm,
    occurred_at, occurred_at + late(i, 9, 0.1, 20) AS recorded_at, occurred_at AS stored_at
FROM told;

-- Everybody's own id from the beginning (µs of the year 1), and what most did before they were known.
CREATE VIEW links AS
SELECT i AS id, 0::BIGINT AS fact_id, i AS identity_id, i AS contact_id, -62135596800000000 AS recorded_at,
    -62135596800000000 AS stored_at FROM people
UNION ALL
SELECT getvariable('contacts') + i, 0, getvariable('contacts') + i, i, moment(i, 20, 0), moment(i, 20, 0)
FROM people WHERE u(i, 21) < 0.6;

CREATE VIEW verdicts AS
SELECT i AS id, 0::BIGINT AS fact_id, i * 97 AS touch_id, u(i, 30) < 0.7 AS machine, moment(i, 31, 0) AS recorded_at,
    moment(i, 31, 0) AS stored_at
FROM range(1, getvariable('touches') // 100) AS r(i);

CREATE VIEW retractions AS
SELECT i AS id, 0::BIGINT AS fact_id, 'touch' AS "table", i * 1009 AS row_id, NULL::BIGINT AS retracted_fact_id,
    '' AS reason, moment(i, 33, 0) AS recorded_at, moment(i, 33, 0) AS stored_at
FROM range(1, getvariable('touches') // 2000) AS r(i);

CREATE VIEW known AS
SELECT i, 40 AS salt, 'contact' AS kind, 'seniority' AS field, NULL::DOUBLE AS number,
    one_of(i, 41, ['director', 'vp', 'c_level', 'junior', 'manager', 'manager']) AS norm FROM people
UNION ALL
SELECT i, 50, 'contact', 'company', among(i, 51, getvariable('companies'), 1), NULL FROM people WHERE u(i, 52) < 0.7
UNION ALL
SELECT i, 60, 'contact', 'title', NULL, one_of(i, 61, ['student', 'head of it', 'buyer', 'engineer'])
FROM people WHERE u(i, 62) < 0.2
UNION ALL
SELECT i, 70, 'company', 'industry', NULL, one_of(i, 71, ['logistics', 'retail', 'manufacturing', 'media', 'health'])
FROM firms
UNION ALL
SELECT i, 80, 'company', 'employees', 9 + among(i, 81, 900, 1), NULL FROM firms;

CREATE VIEW traits AS
SELECT row_number() OVER () AS id, 0::BIGINT AS fact_id, kind, i AS record, field,
    coalesce(norm, CAST(number AS VARCHAR)) AS text, coalesce(norm, CAST(number AS VARCHAR)) AS norm, number,
    false AS asserted, NULL::BIGINT AS by_id, moment(i, salt + 3, 0) AS occurred_at,
    least(moment(i, salt + 3, 0) + late(i, salt + 4, 0.2, 30), now_at()) AS recorded_at,
    moment(i, salt + 3, 0) AS stored_at
FROM known;

CREATE VIEW moved AS
SELECT i, moment(i, 90, 60) AS at_time, among(i, 91, getvariable('contacts'), 2) AS contact_id,
    one_of(i, 92, ['returned', 'returned', 'returned', 'lost', 'won', 'recycled', 'entered']) AS move
FROM range(1, getvariable('moves') + 1) AS r(i);

CREATE VIEW transitions AS
SELECT i AS id, 0::BIGINT AS fact_id, NULL::BIGINT AS lead_id, contact_id,
    CASE WHEN move = 'entered' THEN 'import' END AS entry, move, NULL::VARCHAR AS from_stage, 'engaged' AS to_stage,
    NULL::BIGINT AS owner_id, NULL::BIGINT AS deal_id, '' AS reason, NULL::BIGINT AS by_id,
    NULL::BIGINT AS version_id, false AS early, at_time AS occurred_at, at_time AS recorded_at, at_time AS stored_at
FROM moved;
