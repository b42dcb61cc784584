from django.apps import AppConfig


class TeamConfig(AppConfig):
    name = "accord.rooms.team"
    label = "team"

    def ready(self) -> None:
        # Models exist only once every app is loaded.
        from accord.kernel import fields  # noqa: PLC0415
        from accord.kernel.audit import invariants  # noqa: PLC0415
        from accord.rooms.team import audit  # noqa: PLC0415
        from accord.rooms.team.fields import HOUSE_FIELDS, MEMBER_FIELDS, TEAM_FIELDS  # noqa: PLC0415
        from accord.rooms.team.models import House, Member, Team  # noqa: PLC0415

        fields.publish(House, "house", HOUSE_FIELDS)
        fields.publish(Team, "team", TEAM_FIELDS)
        fields.publish(Member, "member", MEMBER_FIELDS)
        invariants.hold(*audit.INVARIANTS)
