from django.db import models


class DayOff(models.Model):
    """What the house says of a day: that nobody works, or that it is worked although its weekday is not."""

    date = models.DateField(unique=True)
    works = models.BooleanField(default=False)
    label = models.CharField(max_length=120, blank=True)

    class Meta:
        db_table = "day_off"
        ordering = ["date"]

    def __str__(self) -> str:
        return self.label or self.date.isoformat()
