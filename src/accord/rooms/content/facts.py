from accord.kernel.facts import fact


@fact
class AssetCreated:
    asset: int


@fact
class AssetTrashed:
    asset: int


@fact
class AssetRestored:
    asset: int
