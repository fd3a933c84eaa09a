"""Opens a report in a headless Chromium, as a reader would: it loads without errors, sorts, searches,
downloads its list as CSV and opens a curve. `.ci/run` calls it through `tests/browser/run`.

    python report.py REPORT.html [SCREENSHOT_FOLDER]
"""

import csv
import sys
import tempfile
import time
from pathlib import Path

from chromium import chromium
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
    assert browser.find_element(By.CSS_SELECTOR, "tr.curve polyline").get_attribute("points")
    rows(browser)[0].find_element(By.TAG_NAME, "button").click()
    assert not browser.find_elements(By.CSS_SELECTOR, "tr.curve"), "the curve does not close"

    search.clear()
    width = browser.execute_script("return document.documentElement.scrollWidth - window.innerWidth")
    assert width <= 0, f"the page is {width} pixels wider than the window"
    errors = [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]
    assert not errors, errors


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
                if len(sys.argv) > 2:
                    browser.save_screenshot(str(Path(sys.argv[2], f"{name}.png")))
            finally:
                browser.quit()
            print(f"{name}: loads, sorts, searches, downloads, opens a curve")


main()
