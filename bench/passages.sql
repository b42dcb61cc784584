-- The passages of as many leads as there are contacts, and their deals, upon histories.sql: one lead a contact, who
-- comes as far as chance has it, in lags of days that are exponential, and most of whom end.

CREATE MACRO furthest(i) AS CASE
    WHEN u(i, 101) < 0.50 THEN 1 WHEN u(i, 101) < 0.78 THEN 2 WHEN u(i, 101) < 0.89 THEN 3 WHEN u(i, 101) < 0.94 THEN 4
    WHEN u(i, 101) < 0.965 THEN 5 WHEN u(i, 101) < 0.99 THEN 6 ELSE 7 END;
CREATE MACRO lag(i, salt, mean) AS -ln(1 - 0.9999 * u(i, salt)) * mean * 86400000000;
CREATE MACRO at_step(i, step) AS moment(i, 100, 0)
    + CAST(list_sum([lag(i, 110 + s, 9.0) FOR s IN range(1, step + 1)]) AS BIGINT);
CREATE MACRO stage(step) AS ['inquiry', 'engaged', 'mql', 'sal', 'sql', 'opportunity', 'won'][step];

CREATE VIEW stepped AS
SELECT i, step, CASE WHEN step = 1 THEN 'entered' WHEN step = 7 THEN 'won' ELSE 'to_' || stage(step) END AS move,
    stage(step) AS to_stage, at_step(i, step) AS at_time
FROM (SELECT i, unnest(range(1, furthest(i) + 1)) AS step FROM people);

CREATE VIEW left_behind AS
SELECT i, furthest(i) + 1 AS step, one_of(i, 103, ['lost', 'lost', 'recycled', 'disqualified', 'joined']) AS move,
    move AS to_stage, at_step(i, furthest(i) + 2) AS at_time
FROM people WHERE furthest(i) < 7 AND u(i, 104) < 0.7;

CREATE VIEW given_back AS
SELECT i, 9 AS step, 'returned' AS move, 'engaged' AS to_stage, at_step(i, furthest(i)) + 3600000000 AS at_time
FROM people WHERE furthest(i) IN (3, 4) AND u(i, 104) >= 0.7;

CREATE OR REPLACE VIEW transitions AS
SELECT row_number() OVER (ORDER BY at_time, i, step) AS id, 0::BIGINT AS fact_id, i AS lead_id, i AS contact_id,
    CASE WHEN move = 'entered' THEN one_of(i, 105, ['marketing', 'marketing', 'marketing', 'partner', 'import']) END
        AS entry,
    move, NULL::VARCHAR AS from_stage, to_stage, 1 + i % 20 AS owner_id,
    CASE WHEN step >= 6 AND furthest(i) >= 6 THEN i END AS deal_id,
    CASE WHEN move = 'returned' THEN one_of(i, 106, ['wrong person', 'no budget', 'no fit', 'timing'])
        WHEN move IN ('lost', 'recycled', 'disqualified', 'joined') THEN one_of(i, 107, ['price', 'not_now', 'no_need'])
        ELSE '' END AS reason,
    NULL::BIGINT AS by_id, NULL::BIGINT AS version_id, false AS early,
    at_time AS occurred_at, at_time AS recorded_at, at_time AS stored_at
FROM (FROM stepped UNION ALL FROM left_behind UNION ALL FROM given_back)
WHERE at_time < getvariable('start') + getvariable('days') * 86400000000;

CREATE VIEW of_leads AS
SELECT i, 'lead' AS kind, 'origin' AS field, NULL::DOUBLE AS number,
    one_of(i, 120, ['fair', 'search', 'partner', 'content', 'phone', 'list', 'mail', 'social']) AS norm,
    moment(i, 100, 0) AS at_time FROM people
UNION ALL
SELECT i, 'lead', 'owner', 1 + i % 20, CAST(1 + i % 20 AS VARCHAR), moment(i, 100, 0) FROM people;

CREATE VIEW closed AS
SELECT i, CASE WHEN furthest(i) = 7 THEN 'won' WHEN u(i, 104) < 0.7 THEN 'lost' ELSE 'open' END AS outcome,
    at_step(i, 6) AS opened_at, CASE WHEN furthest(i) = 7 THEN at_step(i, 7) ELSE at_step(i, 8) END AS closed_at
FROM people WHERE furthest(i) >= 6;

CREATE VIEW of_deals AS
SELECT i, 'deal' AS kind, field, CASE WHEN field IN ('amount', 'owner') THEN CAST(norm AS DOUBLE) END AS number, norm, at_time
FROM (
    SELECT i, unnest(['outcome', 'stage', 'amount', 'currency', 'owner']) AS field,
        unnest(['open', 'qualified', CAST(100000 + i % 900 * 10000 AS VARCHAR), 'EUR', CAST(1 + i % 20 AS VARCHAR)])
            AS norm, opened_at AS at_time FROM closed
    UNION ALL
    SELECT i, 'stage', one_of(i, 130, ['discovery', 'proposal', 'negotiation']), (opened_at + closed_at) // 2 FROM closed
    UNION ALL
    SELECT i, unnest(['outcome', 'reason']), unnest([outcome, one_of(i, 131, CASE WHEN outcome = 'won'
        THEN ['fit', 'price', 'service'] ELSE ['price', 'competitor', 'not_now', 'no_decision'] END)]), closed_at
    FROM closed WHERE outcome <> 'open'
) WHERE at_time < getvariable('start') + getvariable('days') * 86400000000;

CREATE VIEW valued AS
SELECT kind, i, field, number, norm, at_time, least(at_time + late(i, salt + 4, 0.2, 30), now_at()) AS learnt_at
FROM (SELECT *, moment(i, salt + 3, 0) AS at_time FROM known)
UNION ALL SELECT kind, i, field, number, norm, at_time, at_time FROM of_leads
UNION ALL SELECT kind, i, field, number, norm, at_time, at_time FROM of_deals;

CREATE OR REPLACE VIEW traits AS
SELECT row_number() OVER () AS id, 0::BIGINT AS fact_id, kind, i AS record, field,
    coalesce(norm, CAST(CAST(number AS BIGINT) AS VARCHAR)) AS text, text AS norm, number, false AS asserted,
    NULL::BIGINT AS by_id, at_time AS occurred_at, learnt_at AS recorded_at, learnt_at AS stored_at
FROM valued;

CREATE VIEW facts AS
SELECT row_number() OVER () AS id, kind, 'deal' AS subject, i AS subject_id, i AS contact_id, NULL::BIGINT AS company_id,
    i AS lead_id, i AS deal_id, '{}' AS payload, NULL::BIGINT AS by_id, at_time AS occurred_at, at_time AS recorded_at,
    at_time AS stored_at
FROM (
    SELECT i, 'deal_opened' AS kind, opened_at AS at_time FROM closed
    UNION ALL SELECT i, 'deal_' || outcome, closed_at FROM closed WHERE outcome <> 'open'
) WHERE at_time < getvariable('start') + getvariable('days') * 86400000000;
