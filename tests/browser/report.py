"""Opens a report in a headless Chromium, as a reader would: it loads without errors, sorts, searches,
downloads its list as CSV, opens a curve, shows the figures of the reader's theme, and prints on paper without
controls, cut tables or a dark ground. `.ci/run` calls it through `tests/browser/run`.

    python report.py REPORT.html [SCREENSHOT_FOLDER]
"""

import base64
import csv
import sys
import tempfile
import time
from pathlib import Path

import pypdfium2
from chromium import chromium
from PIL import ImageStat
from selenium.webdriver.common.by import By

def rows(browser):
    return browser.find_elements(By.CSS_SELECTOR, "#samples tbody tr:not(.curve)")


def cells(browser, column):
    return [row.find_elements(By.TAG_NAME, "td")[column].text for row in rows(browser)[:20]]


def check(browser, report, downloads):
    browser.get(report.resolve().as_uri())
    assert rows(browser), "the list is empty"
    aums = [float(aum) for aum in cells(browser, 1)]
    assert aums == sorted(aums), "the list does not begin with the lowest AUM"

    headers = browser.find_elements(By.CSS_SELECTOR, "#samples th button")
    headers[1].click()
    headers[1].click()
    highest = [float(aum) for aum in cells(browser, 1)]
    assert highest == sorted(highest, reverse=True), "a second click does not turn the order round"
    headers[1].click()

    first = cells(browser, 0)[0]
    search = browser.find_element(By.ID, "search")
    search.send_keys(first)
    assert rows(browser) and all(first in row.text for row in rows(browser)), "the search finds others"
    found = len(rows(browser))
    browser.find_element(By.ID, "download").click()
    for _ in range(50):
        # An empty file keeps the name until the download, complete, is put in its place.
        files = [file for file in downloads.glob("*.csv") if file.stat().st_size]
        if files:
            break
        time.sleep(0.1)
    assert files, "nothing was downloaded"
    with open(files[0], newline="") as file:
        table = list(csv.reader(file))
    assert len(table) == found + 1, "the CSV does not have the rows that are shown"
    assert table[0][:2] == ["Sample", "AUM"] and first in table[1][0], table[:2]

    rows(browser)[0].find_element(By.TAG_NAME, "button").click()
    for line in browser.find_elements(By.CSS_SELECTOR, "tr.curve polyline"):
        assert len(line.get_attribute("points").split()) > 1, "a pass has no curve"
    assert browser.find_elements(By.CSS_SELECTOR, "tr.curve polyline"), "no curve opens"
    rows(browser)[0].find_element(By.TAG_NAME, "button").click()
    assert not browser.find_elements(By.CSS_SELECTOR, "tr.curve"), "the curve does not close"

    search.clear()
    width = browser.execute_script("return document.documentElement.scrollWidth - window.innerWidth")
    assert width <= 0, f"the page is {width} pixels wider than the window"
    errors = [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]
    assert not errors, errors


def prefer(browser, theme):
    features = [{"name": "prefers-color-scheme", "value": theme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})


def check_themes(browser):
    for theme, other in [("dark", "light"), ("light", "dark")]:
        prefer(browser, theme)
        shown = browser.find_elements(By.CSS_SELECTOR, f"figure .{theme}")
        hidden = browser.find_elements(By.CSS_SELECTOR, f"figure .{other}")
        assert shown and all(figure.is_displayed() for figure in shown), f"{theme} figures are missing"
        assert not any(figure.is_displayed() for figure in hidden), f"{other} figures in the {theme} theme"


def check_print(browser, pdf):
    """On A4, for a reader whose screen is dark."""
    prefer(browser, "dark")
    paper = {"printBackground": True, "paperWidth": 8.27, "paperHeight": 11.69}
    pdf.write_bytes(base64.b64decode(browser.execute_cdp_cmd("Page.printToPDF", paper)["data"]))
    prefer(browser, "light")
    pages = list(pypdfium2.PdfDocument(pdf))
    text = "\n".join(page.get_textpage().get_text_range() for page in pages)
    for wanted in ["How sure is this?", "Systematic mistakes", "Flagged samples", "Support", "How to get this again"]:
        assert wanted in text, f"{wanted} is not printed"
    for control in ["Download CSV", "Show more", "Margins\n"]:
        assert control not in text, f"the control {control} is printed"
    for number, page in enumerate(pages, 1):
        image = page.render(scale=1).to_pil().convert("L")
        # Chromium's margins are 0.4 inches: 28 points. What is too wide runs into them, and is cut.
        for box in [(0, 0, 24, image.height), (image.width - 24, 0, image.width, image.height)]:
            assert ImageStat.Stat(image.crop(box)).extrema[0][0] == 255, f"page {number}: something is cut"
        assert ImageStat.Stat(image).mean[0] > 128, f"page {number} is dark"
    return len(pages)


def main():
    report = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        for name, size in {"desk": (1200, 1600), "phone": (390, 844)}.items():
            downloads = Path(folder, name)
            downloads.mkdir()
            browser = chromium(downloads)
            try:
                browser.set_window_size(*size)
                check(browser, report, downloads)
                check_themes(browser)
                pages = check_print(browser, Path(folder, f"{name}.pdf"))
                if len(sys.argv) > 2:
                    browser.save_screenshot(str(Path(sys.argv[2], f"{name}.png")))
            finally:
                browser.quit()
            print(f"{name}: loads, sorts, searches, downloads, opens a curve, prints {pages} pages")


main()
