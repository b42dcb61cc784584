from django.urls import path

from accord.web.desk import (
    answering,
    calling,
    nudge_telling,
    nudges,
    pages,
    panels,
    returns,
    tasks,
    telling,
    undelivered,
    writing,
)
from accord.web.records import frame, timeline

frame.register(panels.PANELS)
frame.register(nudges.PANELS)
timeline.register(telling.DESK)
timeline.register(nudge_telling.NUDGES)
timeline.register(undelivered.UNDELIVERED)

urlpatterns = [
    path("desk/", pages.desk, name="desk"),
    path("handoffs/<int:pk>/acceptance/", answering.handoff_acceptance, name="handoff_acceptance"),
    path("handoffs/<int:pk>/return/", answering.handoff_return, name="handoff_return"),
    path("leads/<int:pk>/calls/", calling.lead_calls, name="lead_calls"),
    path("leads/<int:pk>/return/", answering.lead_return, name="lead_return"),
    path("leads/<int:pk>/mail/", writing.lead_mail, name="lead_mail"),
    path("leads/<int:pk>/reason/", pages.lead_reason, name="lead_reason"),
    path("leads/<int:pk>/nudges/", nudges.lead_nudges, name="lead_nudges"),
    path("nudges/new/", nudges.nudges_of_many, name="nudges_of_many"),
    path("nudges/<int:pk>/acceptance/", nudges.nudge_acceptance, name="nudge_acceptance"),
    path("nudges/<int:pk>/decline/", nudges.nudge_decline, name="nudge_decline"),
    path("nudges/<int:pk>/withdrawal/", nudges.nudge_withdrawal, name="nudge_withdrawal"),
    path("leads/<int:pk>/notes/", calling.lead_notes, name="lead_notes"),
    path("tasks/new/", tasks.task_new, name="task_new"),
    path("tasks/<int:pk>/completion/", tasks.task_completion, name="task_completion"),
    path("tasks/<int:pk>/reopening/", tasks.task_reopening, name="task_reopening"),
    path("tasks/<int:pk>/snooze/", tasks.task_snooze, name="task_snooze"),
    path("returns/", returns.returns, name="returns"),
    path("returns/<int:pk>/taking-up/", returns.return_taking_up, name="return_taking_up"),
]
