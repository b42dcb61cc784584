from django.urls import path

from accord.web.team import absences, feeds, fields, frame, house, keys, me, members, pipeline, teams

urlpatterns = [
    path("", frame.first, name="settings"),
    path("members/", members.members, name="members"),
    path("members/<int:pk>/", members.member, name="member"),
    path("members/<int:pk>/invitation/", members.invitation, name="invitation"),
    path("members/<int:pk>/deactivation/", members.deactivation, name="deactivation"),
    path("members/<int:pk>/reactivation/", members.reactivation, name="reactivation"),
    path("teams/", teams.teams, name="teams"),
    path("teams/<int:pk>/", teams.team, name="team"),
    path("fields/", fields.first, name="fields"),
    path("fields/<str:kind>/", fields.fields_of, name="fields_of"),
    path("fields/<str:kind>/<str:slug>/", fields.field_of, name="field_of"),
    path("pipeline/", pipeline.stages, name="pipeline_stages"),
    path("pipeline/<int:pk>/", pipeline.stage, name="pipeline_stage"),
    path("pipeline/<int:pk>/placing/", pipeline.placing, name="pipeline_stage_placing"),
    path("pipeline/<int:pk>/retirement/", pipeline.retirement, name="pipeline_stage_retirement"),
    path("absences/", absences.absences, name="absences"),
    path("absences/<int:pk>/calling-off/", absences.calling_off, name="absence_calling_off"),
    path("keys/", keys.keys, name="keys"),
    path("keys/<int:pk>/revocation/", keys.revocation, name="key_revocation"),
    path("house/", house.house, name="house"),
    path("house/days/", house.own_days, name="own_days"),
    path("house/days/<int:pk>/removal/", house.own_day_removal, name="own_day_removal"),
    path("me/", me.me, name="me"),
    path("me/notices/", me.notices, name="own_notices"),
    path("me/calendar/", feeds.feed, name="own_feed"),
    path("me/calendar/revocation/", feeds.revocation, name="own_feed_revocation"),
    path("me/absences/", me.leave, name="leave"),
    path("me/absences/<int:pk>/calling-off/", absences.own_calling_off, name="own_absence_calling_off"),
]
