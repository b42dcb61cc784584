"""Mail that leaves the house: written as rows, so that nothing waits for a server; sent later, by the schedule."""
