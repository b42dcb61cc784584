import secrets
from datetime import datetime

from django.db import models
from django.db.models import Q

from accord.kernel import ledger
from accord.kernel.instants import InstantField
from accord.rooms.team import facts
from accord.rooms.team.models.key import digest_of
from accord.rooms.team.models.member import Member


class Feed(models.Model):
    """An address at which a member's calendar fetches what they have to do. It is shown once; its hash is kept."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    made_at = InstantField()
    revoked_at = InstantField(null=True)

    class Meta:
        db_table = "feed"
        constraints = [models.UniqueConstraint(fields=["member"], condition=Q(revoked_at=None), name="feed_once")]

    @classmethod
    def make(cls, member: Member, *, at: datetime) -> tuple["Feed", str]:
        """Returns the feed and its token, which is not kept. The one before ends."""
        token = secrets.token_urlsafe(30)
        with ledger.write(at, member.pk) as writing:
            Member.objects.select_for_update().get(pk=member.pk)
            cls.objects.filter(member=member, revoked_at=None).update(revoked_at=at)
            feed = cls.objects.create(member=member, digest=digest_of(token), made_at=at)
            writing.record(facts.FeedMade(feed=feed.pk, member=member.pk))
        return feed, token

    @classmethod
    def of(cls, member: Member) -> "Feed | None":
        return cls.objects.filter(member=member, revoked_at=None).first()

    @classmethod
    def held_by(cls, token: str) -> Member | None:
        """Whose it is; nobody's once it was revoked, or once they have left."""
        standing = cls.objects.filter(digest=digest_of(token), revoked_at=None, member__is_active=True)
        feed = standing.select_related("member").first()
        return feed.member if feed else None

    def revoke(self, *, by: int | None, at: datetime) -> None:
        with ledger.write(at, by) as writing:
            if Feed.objects.filter(pk=self.pk, revoked_at=None).update(revoked_at=at):
                writing.record(facts.FeedRevoked(feed=self.pk, member=self.member_id))
