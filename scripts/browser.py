"""Prints the path of the browser that Playwright has installed for itself, if any."""

from playwright.sync_api import sync_playwright

with sync_playwright() as playwright:
    print(playwright.chromium.executable_path)
