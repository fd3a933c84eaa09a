"""Opens a report in a headless Chromium, as a reader would: it loads without errors, sorts, searches,
downloads its list as CSV, opens a curve, works as a worklist (`worklist.py`), shows the figures of the reader's theme, and prints on paper without
controls, cut tables or a dark ground. `.ci/run` calls it through `tests/browser/run`.

    python report.py REPORT.html [SCREENSHOT_FOLDER]
"""

import base64
import re
import sys
import tempfile
from pathlib import Path

import pypdfium2
from chromium import chromium
from downloads import downloaded
from PIL import ImageStat
from selenium.webdriver.common.by import By
from worklist import check_worklist

def rows(browser):
    return browser.find_elements(By.CSS_SELECTOR, "#samples tbody tr:not(.curve)")


def cells(browser, column):
    """The first line of each cell: below an id stands the file."""
    return [row.find_elements(By.TAG_NAME, "td")[column].text.split("\n")[0] for row in rows(browser)[:20]]


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
    table = downloaded(downloads)
    assert len(table) == found + 1, "the CSV does not have the rows that are shown"
    assert table[0][:2] == ["Sample", "AUM"] and first in table[1][0], table[:2]

    rows(browser)[0].find_element(By.CSS_SELECTOR, "[data-do=open]").click()
    for line in browser.find_elements(By.CSS_SELECTOR, "tr.curve polyline"):
        assert len(line.get_attribute("points").split()) > 1, "a pass has no curve"
    assert browser.find_elements(By.CSS_SELECTOR, "tr.curve polyline"), "no curve opens"
    rows(browser)[0].find_element(By.CSS_SELECTOR, "[data-do=open]").click()
    assert not browser.find_elements(By.CSS_SELECTOR, "tr.curve"), "the curve does not close"

    search.clear()
    width = browser.execute_script("return document.documentElement.scrollWidth - window.innerWidth")
    assert width <= 0, f"the page is {width} pixels wider than the window"
    check_columns(browser)
    errors = [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]
    assert not errors, errors


def check_columns(browser):
    """No cell of the list lies outside the window, and each section can be jumped to."""
    inside = "const { left, right } = arguments[0].getBoundingClientRect(); return left >= 0 && right <= innerWidth"
    for cell in rows(browser)[0].find_elements(By.TAG_NAME, "td"):
        assert browser.execute_script(inside, cell), f"a cell is out of reach: {cell.text}"
    for jump in browser.find_elements(By.CSS_SELECTOR, "nav a"):
        target = jump.get_attribute("href").split("#")[1]
        assert browser.find_elements(By.ID, target), f"no section {target}"


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
    """On A4, for a reader whose screen is dark: all rows, with headings on each page."""
    count = browser.execute_script("return rows.length")
    assert count > len(rows(browser)), "the list is too short to be shown in part"
    prefer(browser, "dark")
    paper = {"printBackground": True, "paperWidth": 8.27, "paperHeight": 11.69}
    pdf.write_bytes(base64.b64decode(browser.execute_cdp_cmd("Page.printToPDF", paper)["data"]))
    prefer(browser, "light")
    pages = list(pypdfium2.PdfDocument(pdf))
    # Spaces are told apart from the gaps between letters by the reader of the PDF, and not well.
    texts = [re.sub(r"\s", "", page.get_textpage().get_text_range()) for page in pages]
    text = "\n".join(texts)
    for wanted in ["How sure is this?", "Systematic mistakes", "Flagged samples", "How to get this again"]:
        assert wanted.replace(" ", "") in text, f"{wanted} is not printed"
    listed = [page for page in texts if re.search(r"row\d", page)]
    assert len(listed) > 2, "the list has one page"
    for page in listed:
        assert "SampleAUMGivenlabel" in page, "a page of the list has no headings"
    printed = len(re.findall(r"row\d", text))
    assert printed == count, f"{printed} of {count} rows are printed"
    for control in ["Savethislist", "Savedecisions", "Correctto", "Showmore", "Margins\n"]:
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
                check_worklist(browser, report, downloads)
                check_themes(browser)
                pages = check_print(browser, Path(folder, f"{name}.pdf"))
                if len(sys.argv) > 2:
                    browser.save_screenshot(str(Path(sys.argv[2], f"{name}.png")))
            finally:
                browser.quit()
            print(f"{name}: loads, sorts, searches, downloads, opens a curve, keeps decisions, prints {pages} pages")


main()
