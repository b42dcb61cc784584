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


@fact
class MailTemplateWritten:
    template: int


@fact
class MailTemplateEdited:
    template: int


@fact
class MailTemplateTrashed:
    template: int


@fact
class MailTemplateRestored:
    template: int


@fact
class ProductCreated:
    product: int


@fact
class ProductTrashed:
    product: int


@fact
class ProductRestored:
    product: int


@fact
class CompetitorCreated:
    competitor: int


@fact
class CompetitorTrashed:
    competitor: int


@fact
class CompetitorRestored:
    competitor: int
