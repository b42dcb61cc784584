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
