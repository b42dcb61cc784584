"""How to send events with the client libraries that sites have already: %(host)s and %(key)s are filled in."""

CURL = (
    "curl",
    """curl %(host)s/v1/track -u %(key)s: -H 'Content-Type: application/json' \\
  -d '{"userId": "c-1042", "event": "Asset Downloaded", "properties": {"asset": "checklist"}}'""",
)

# For a page whose key everybody may read; nothing is asked of a server of the library's makers.
BROWSER = (
    "JavaScript · @segment/analytics-next",
    """import { AnalyticsBrowser } from '@segment/analytics-next'

const writeKey = '%(key)s'
const ours = { apiKey: writeKey, apiHost: '%(address)s/v1', protocol: '%(protocol)s' }
const analytics = AnalyticsBrowser.load({ writeKey, cdnSettings: { integrations: { 'Segment.io': ours } } })
analytics.page()
analytics.track('Form Submitted', { form: 'demo' })""",
)

SNIPPETS = (
    (
        "Python · segment-analytics-python",
        """import segment.analytics as analytics

analytics.write_key = "%(key)s"
analytics.host = "%(host)s"
analytics.identify("c-1042", {"email": "anna@example.com", "name": "Anna Adler"})
analytics.track("c-1042", "Form Submitted", {"form": "demo"})
analytics.flush()""",
    ),
    (
        "Node · @segment/analytics-node",
        """import { Analytics } from '@segment/analytics-node'

const analytics = new Analytics({ writeKey: '%(key)s', host: '%(host)s' })
analytics.track({ userId: 'c-1042', event: 'Form Submitted', properties: { form: 'demo' } })
await analytics.closeAndFlush()""",
    ),
    (
        "Python · rudder-sdk-python",
        """from rudderstack import analytics

analytics.write_key = "%(key)s"
analytics.dataPlaneUrl = "%(host)s"
analytics.track("c-1042", "Form Submitted", {"form": "demo"})
analytics.flush()""",
    ),
    (
        "Node · @rudderstack/rudder-sdk-node",
        """import Analytics from '@rudderstack/rudder-sdk-node'

const analytics = new Analytics('%(key)s', { dataPlaneUrl: '%(host)s' })
analytics.track({ userId: 'c-1042', event: 'Form Submitted', properties: { form: 'demo' } })
analytics.flush()""",
    ),
)
