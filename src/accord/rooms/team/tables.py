from accord.kernel.warehouse.tables import Table
from accord.rooms.team.models import Member, Team

MEMBERS = Table("members", Member, ("id", "name", "role", "team_id"), append_only=False)
TEAMS = Table("teams", Team, ("id", "slug", "name", "side"), append_only=False)
