from accord.kernel.facts import fact


@fact
class MemberJoined:
    member: int


@fact
class MemberLeft:
    member: int


@fact
class MemberCameBack:
    member: int


@fact
class KeyMade:
    key: int
    scope: str
    role: str


@fact
class KeyRevoked:
    key: int
