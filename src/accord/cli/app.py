import typer

from accord.cli import agreements, audit, backups, benching, files, home, keys, reports, running

app = typer.Typer(
    help="One funnel for marketing and sales, under one signed agreement.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    callback=backups.whole,
)

app.command("init")(home.init)
app.command("demo")(home.demo)
app.command("serve")(running.serve)
app.command("work")(running.work)
app.command("job", hidden=True)(running.job)
app.command("import")(files.take)
app.command("revert")(files.revert)
app.command("report")(reports.report)
app.command("audit")(audit.audit)
app.command("backup")(backups.backup)
app.command("restore")(backups.restore)
app.command("bench", context_settings=benching.PASSED_ON)(benching.bench)
app.add_typer(keys.app, name="key")
app.add_typer(agreements.app, name="agreement")
