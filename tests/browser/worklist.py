"""The report as a worklist: filters, a click on a cell of the confusions, decisions by keyboard and by mouse, kept in
the browser, saved as CSV and loaded again; and of a report of photographs, the links to them, of a table, the values of
its rows, of features of photographs, their pictures, and without any in the page those of the files.

    python worklist.py REPORT_OF_PHOTOGRAPHS.html REPORT_OF_CELLS.html [REPORT_OF_FEATURES.html…] REPORT_WITHOUT_PICTURES.html
"""

import csv
import shutil
import sys
import tempfile
import time
from pathlib import Path

from chromium import chromium
from downloads import downloaded
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

HEADER = ["sample_id", "file", "row", "decision", "label"]


def text(browser, name):
    return browser.find_element(By.ID, name).text


def column(browser, name):
    return [cell.text.split("\n")[-1] for cell in browser.find_elements(By.CSS_SELECTOR, f'#samples td[data-name="{name}"]')]


def ids(browser):
    return [cell.text for cell in browser.find_elements(By.CSS_SELECTOR, "#samples td.sample b")]


def press(browser, keys):
    for key in keys:
        browser.switch_to.active_element.send_keys(key)


def click(browser, element):
    """Away from the bar of sections, which lies above whatever is at the top of the window."""
    browser.execute_script("arguments[0].scrollIntoView({ block: 'center' })", element)
    element.click()


def check_filters(browser):
    given = Select(browser.find_element(By.ID, "given"))
    given.select_by_visible_text("1")
    assert set(column(browser, "Given label")) == {"1"}, "the filter lists other classes"
    Select(browser.find_element(By.ID, "suggested")).select_by_visible_text("3")
    both, told = len(ids(browser)), text(browser, "count")
    assert both and told.startswith(f"{both} of "), told
    click(browser, browser.find_element(By.ID, "all"))
    assert len(ids(browser)) > both, "Show all does not show all"

    cell = next(cell for cell in browser.find_elements(By.CSS_SELECTOR, "svg [data-given='1'][data-suggested='3']") if cell.is_displayed())
    count = cell.find_element(By.TAG_NAME, "title").get_attribute("textContent")
    assert count == f"1 given, 3 suggested: {both}", count
    click(browser, cell)
    assert len(ids(browser)) == both and set(column(browser, "Suggested")) == {"3"}, "a click on a cell lists others"
    click(browser, browser.find_element(By.ID, "all"))
    button = browser.find_element(By.CSS_SELECTOR, "button[data-given]")
    wanted = button.get_attribute("data-given")
    click(browser, button)
    assert set(column(browser, "Given label")) == {wanted}, "a systematic mistake lists others"
    click(browser, browser.find_element(By.ID, "all"))


def check_decisions(browser, report, downloads):
    """The first sample is kept, the second corrected as suggested, the third removed, the fourth corrected to another class
    and the fifth decided and undone, all by keyboard; the sixth is removed with the mouse."""
    first = ids(browser)[:6]
    suggested, given = column(browser, "Suggested"), column(browser, "Given label")
    another = next(name for name in "0123456789" if name not in (given[3], suggested[3]))
    browser.find_element(By.TAG_NAME, "body").send_keys("n")
    press(browser, ["k", "c", "r", "e"])
    select = Select(browser.switch_to.active_element)
    assert len(select.options) == 9, "not all other classes can be chosen"
    select.select_by_visible_text(another)
    press(browser, [Keys.ESCAPE, "n", "k", "p", "u", "n", "m"])
    assert browser.find_elements(By.CSS_SELECTOR, "tr.curve"), "the key m opens no margins"
    press(browser, ["m", Keys.ARROW_UP, Keys.ARROW_DOWN])
    sixth = browser.find_element(By.CSS_SELECTOR, "tr[aria-current]")
    assert sixth.find_element(By.TAG_NAME, "b").text == first[5], "the keys lead to another sample"
    click(browser, sixth.find_element(By.CSS_SELECTOR, "[data-do=remove]"))
    count = len(ids(browser))

    def decided():
        told = text(browser, "done")
        assert told.startswith("5 of ") and told.endswith("1 kept, 2 corrected, 2 to be removed."), told
        click(browser, browser.find_element(By.ID, "save"))
        return downloaded(downloads)

    table = decided()
    assert table[0] == HEADER, table[0]
    assert [row[0] for row in table[1:]] == [*first[:4], first[5]]
    assert [row[3:] for row in table[1:]] == [
        ["keep", given[0]], ["correct", suggested[1]], ["remove", ""], ["correct", another], ["remove", ""]
    ], table
    assert all(row[1] == "digits" and row[2].isdigit() for row in table[1:]), table

    browser.get(report.resolve().as_uri())
    assert decided() == table, "the decisions are forgotten"
    Select(browser.find_element(By.ID, "decided")).select_by_visible_text("Corrected")
    assert ids(browser) == [first[1], first[3]], "the filter lists other decisions"
    Select(browser.find_element(By.ID, "decided")).select_by_visible_text("Not decided")
    assert ids(browser)[0] == first[4]
    click(browser, browser.find_element(By.ID, "all"))
    assert len(ids(browser)) == count

    browser.execute_script("localStorage.clear()")
    browser.get(report.resolve().as_uri())
    assert text(browser, "done").startswith("0 of "), "decisions are kept elsewhere"
    refuse_others(browser, downloads, table, suggested[5])
    assert load(browser, downloads, table) == "5 decisions taken from saved.csv."
    assert decided() == table, "the decisions are not taken back"
    # Decisions of a run with other samples, under the same name.
    browser.execute_script("const kept = localStorage.getItem(KEY); localStorage.clear(); localStorage.setItem(KEY.replace(checksum, '0'), kept)")
    browser.get(report.resolve().as_uri())
    assert text(browser, "done").startswith("0 of "), "decisions of another table are taken for those of this one"


def load(browser, downloads, table):
    """What the page says of these decisions."""
    file = downloads / "saved.csv"
    file.write_text("".join(",".join(row) + "\n" for row in table))
    browser.execute_script("document.getElementById('told').textContent = ''")
    browser.find_element(By.ID, "loaded").send_keys(str(file))
    for _ in range(50):
        if told := text(browser, "told"):
            file.unlink()
            return told
        time.sleep(0.1)
    raise AssertionError("nothing is said of decisions that were loaded")


def refuse_others(browser, downloads, table, other):
    """What is wrong in the last line leaves all lines out, and is said in one."""
    line = table[5]
    for wrong, told in [
        (["99999", *line[1:]], "saved.csv, line 6: this report does not list sample 99999"),
        ([line[0], "other.csv", *line[2:]], f"saved.csv, line 6: sample {line[0]} is row {line[2]} of other.csv there"),
        ([*line[:2], "77777", *line[3:]], f"saved.csv, line 6: sample {line[0]} is row 77777 of digits there"),
        ([*line[:3], "drop", ""], f"saved.csv, line 6: the decision of sample {line[0]} is drop; it can be keep, correct or remove"),
        ([*line[:3], "correct", "cat"], f"saved.csv, line 6: the label of sample {line[0]} is cat, which is no class"),
        ([*line[:3], "correct", ""], f"saved.csv, line 6: the label of sample {line[0]} is empty"),
        ([*line[:3], "keep", other], f"saved.csv, line 6: sample {line[0]} is kept as {other}, but its label is"),
    ]:
        found = load(browser, downloads, [*table[:5], wrong])
        assert found.startswith(told) and found.endswith("Nothing was taken.") and "\n" not in found, found
        assert text(browser, "done").startswith("0 of "), f"something was taken of {wrong}"
    found = load(browser, downloads, [["id", "label"], ["1", "2"]])
    assert found.startswith("saved.csv holds no decisions: its first line is not sample_id,file,row,decision,label"), found


def check_worklist(browser, report, downloads):
    browser.execute_script("localStorage.clear()")
    browser.get(report.resolve().as_uri())
    assert browser.execute_script("return [...document.querySelectorAll('.sample img')].every((image) => image.naturalWidth === 8)")
    check_filters(browser)
    check_decisions(browser, report, downloads)
    browser.execute_script("localStorage.clear()")
    browser.get(report.resolve().as_uri())


def opened_picture(browser):
    """The file of the first sample, or what is said instead."""
    press(browser, ["n", "m"])
    cell = browser.find_element(By.CSS_SELECTOR, "tr.curve td")
    for _ in range(50):
        width = browser.execute_script("const image = arguments[0].querySelector('img'); return image && image.complete && image.naturalWidth", cell)
        if width is None or width:
            return width, " ".join(told.text for told in cell.find_elements(By.TAG_NAME, "p"))
    raise AssertionError("the picture does not load")


def check_values(browser, report):
    """Each sample shows the first values of its row, and all of them when it is opened."""
    with open(report.parent / "cells.csv", newline="") as file:
        table = list(csv.DictReader(file))
    browser.get(report.resolve().as_uri())
    for row in browser.find_elements(By.CSS_SELECTOR, "tr[data-row]"):
        cells = table[int(row.find_element(By.TAG_NAME, "b").text)]
        values = [f"{name} {value}" for name, value in cells.items() if name != "label"]
        assert row.find_element(By.CSS_SELECTOR, ".values").text == " · ".join(values[:3]) + " …", values
        assert f"row {table.index(cells)}" in row.text, row.text
    browser.find_element(By.TAG_NAME, "body").send_keys("n")
    press(browser, ["m"])
    first = table[int(ids(browser)[0])]
    assert f"spread {first['spread']}" in browser.find_element(By.CSS_SELECTOR, "tr.curve .values").text
    assert not browser.find_elements(By.CSS_SELECTOR, ".sample img"), "there are boxes for pictures"


def check_width(browser, report):
    """Nothing lies outside of the window, however long a name is."""
    browser.get(report.resolve().as_uri())
    for width in [1200, 950, 800, 390]:
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        beyond = browser.execute_script("return document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert beyond <= 0, f"at {width} pixels the page is {beyond} wider"
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def picture_widths(browser):
    """Of all pictures in the list, once they are there."""
    for _ in range(50):
        if browser.execute_script("return [...document.querySelectorAll('.sample img')].every((image) => image.complete)"):
            break
        time.sleep(0.1)
    return set(browser.execute_script("return [...document.querySelectorAll('.sample img')].map((image) => image.naturalWidth)"))


def check_pictures_of_features(browser, report):
    """Photographs of 160 × 120 pixels are 64 wide in the page, wherever it lies."""
    with tempfile.TemporaryDirectory() as elsewhere:
        for page in (report, Path(shutil.copy(report, elsewhere))):
            browser.get(page.as_uri())
            rows = browser.find_elements(By.CSS_SELECTOR, "tr[data-row]")
            assert rows and len(browser.find_elements(By.CSS_SELECTOR, ".sample img")) == len(rows)
            assert picture_widths(browser) == {64}, page


def check_pictures_of_files(browser, report):
    """Without pictures in the page it shows the files, and nothing where it was moved away from them."""
    browser.get(report.as_uri())
    images = browser.find_elements(By.CSS_SELECTOR, ".sample img")
    browser.execute_script("for (const image of document.querySelectorAll('.sample img')) image.loading = 'eager'")
    assert images and picture_widths(browser) == {160}
    with tempfile.TemporaryDirectory() as elsewhere:
        browser.get(Path(shutil.copy(report, elsewhere)).as_uri())
        browser.execute_script("for (const image of document.querySelectorAll('.sample img')) image.loading = 'eager'")
        picture_widths(browser)
        assert not browser.find_elements(By.CSS_SELECTOR, ".sample img"), "there are boxes for pictures that are not there"


def main():
    """Photographs of 160 × 120 pixels in folders beside the page."""
    report = Path(sys.argv[1])
    browser = chromium()
    try:
        browser.get(report.resolve().as_uri())
        link = browser.find_element(By.CSS_SELECTOR, ".sample a")
        assert link.text.endswith(".jpg") and "photos/" in link.get_attribute("href"), link.get_attribute("href")
        assert opened_picture(browser) == (160, ""), "the photograph is not shown"
        link.click()
        assert browser.current_url.endswith(".jpg") and browser.find_elements(By.TAG_NAME, "img"), "the link leads nowhere"
        with tempfile.TemporaryDirectory() as elsewhere:
            moved = Path(shutil.copy(report, elsewhere))
            browser.get(moved.as_uri())
            assert browser.execute_script("return document.querySelector('.sample img').naturalWidth"), "the page has no picture of its own"
            width, told = opened_picture(browser)
            assert width is None and "is not where this page looks for it" in told, told
        check_values(browser, Path(sys.argv[2]))
        check_width(browser, Path(sys.argv[2]))
        *features, bare = map(Path, sys.argv[3:])
        for report in features:
            check_pictures_of_features(browser, report)
        check_pictures_of_files(browser, bare)
    finally:
        browser.quit()
    print("photographs: linked, and told where the page is moved away from them; a table: the values of its rows, in windows of any width; features of photographs: their pictures, or the files")


if __name__ == "__main__":
    main()
