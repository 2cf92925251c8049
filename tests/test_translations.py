"""Words for people: all can be translated; the translations are up to date and say what the source says."""

from __future__ import annotations

import ast
import importlib.util
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]
I18N = ROOT / "resources" / "i18n"
LANGUAGES = sorted(path.stem[len("geofm_") :] for path in I18N.glob("geofm_*.ts"))
# Widgets made of a text, and methods that show one; of the latter each argument that is a text.
SHOWN = {
    "QLabel", "QPushButton", "QCheckBox", "QRadioButton", "QGroupBox", "QgsCollapsibleGroupBox",
    "QAction", "WrapLabel", "ElidedLabel", "muted", "heading", "options_box", "quiet_button",
    "ask_for_file", "ask_for_folder", "setText", "setToolTip", "setStatusTip", "setWhatsThis",
    "setPlaceholderText", "setWindowTitle", "setTitle", "setSpecialValueText", "setSuffix", "setPrefix",
    "setDialogTitle", "setAccessibleName", "setItemText", "addItem", "addItems", "addRow", "addTab",
    "addAction", "addButton", "setInformativeText", "setDetailedText", "pushInfo", "pushWarning",
    "reportError", "pushMessage", "information", "warning", "question", "critical", "getOpenFileName",
    "getSaveFileName", "getExistingDirectory", "Notice", "setHelp", "setLabelText",
}
# Proper names, which no language changes, and what is no word.
NAMES = {"GeoFM"}
# Arguments that are keys of ours, not words: (function, place).
KEYS = {("options_box", 1), ("quiet_button", 1), ("addItem", 1)}
PLACEHOLDER = re.compile(r"\{[^{}]*\}")


@pytest.fixture(scope="module")
def translations() -> ModuleType:
    """scripts/translations.py, which is no package."""
    spec = importlib.util.spec_from_file_location("translations", ROOT / "scripts" / "translations.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _words(node: ast.expr) -> str:
    """The letters that an expression shows without a translation; empty where there are none."""
    if isinstance(node, ast.Constant):
        text = node.value if isinstance(node.value, str) else ""
    elif isinstance(node, ast.JoinedStr):
        text = "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
    elif isinstance(node, ast.BinOp):
        return _words(node.left) or _words(node.right)
    elif isinstance(node, ast.IfExp):
        return _words(node.body) or _words(node.orelse)
    elif isinstance(node, (ast.List, ast.Tuple)):
        return next(filter(None, map(_words, node.elts)), "")
    else:
        return ""
    return text if re.search(r"[^\W\d_]{2}", text) and text not in NAMES else ""


def _untranslated(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or _called(node) not in SHOWN:
            continue
        for place, argument in enumerate(node.args):
            words = _words(argument)
            if words and (_called(node), place) not in KEYS:
                yield f"{path.relative_to(ROOT)}:{node.lineno}: {_called(node)}: {words}"


def test_what_widgets_show_is_translatable(translations: ModuleType) -> None:
    assert [found for path in translations.source_files() for found in _untranslated(path)] == []


def test_what_is_translated_is_one_literal(translations: ModuleType) -> None:
    wrong = []
    for path in translations.source_files():
        for call in translations.calls_of_tr(path):
            literal = len(call.args) == 1 and isinstance(call.args[0], ast.Constant) and not call.keywords
            if not literal or not str(call.args[0].value).strip():
                wrong.append(f"{path.relative_to(ROOT)}:{call.lineno}: {ast.unparse(call)}")
    assert wrong == []


def test_the_checks_see_what_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = (
        'label.setText("Two words")', 'label.setToolTip(f"{n} pixels")', 'QLabel("on: " + tr("x"))',
        'label.setText(f"{n}")', 'label.setText("GeoFM")', 'label.setText(tr("Two words"))',
    )
    (tmp_path / "made.py").write_text("\n".join(lines), encoding="utf-8")
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    found = [line.split(": ")[1] for line in _untranslated(tmp_path / "made.py")]
    assert found == ["setText", "setToolTip", "QLabel"]


def test_there_are_translations() -> None:
    assert {"de", "zh-Hans"} <= set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_files_are_up_to_date(translations: ModuleType, language: str) -> None:
    now, then = translations.update(language, translations.texts())
    assert now == then, "run `make i18n`"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_has_the_placeholders_of_its_text(translations: ModuleType, language: str) -> None:
    wrong = []
    for text, made in translations.read(I18N / f"geofm_{language}.ts").items():
        if made.text and made.type != "vanished":
            # Positions may be named, so that words can change places.
            wanted, given = (len(PLACEHOLDER.findall(words)) for words in (text, made.text))
            numbered = sorted(PLACEHOLDER.findall(made.text)) == [f"{{{at}}}" for at in range(wanted)]
            same = sorted(PLACEHOLDER.findall(text)) == sorted(PLACEHOLDER.findall(made.text))
            if wanted != given or not (same or numbered):
                wrong.append((text, made.text))
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_keeps_spaces_and_signs_at_its_ends(translations: ModuleType, language: str) -> None:
    wrong = []
    for text, made in translations.read(I18N / f"geofm_{language}.ts").items():
        if made.text and made.type != "vanished":
            ends = [(words[:1].isspace(), words[-1:].isspace(), _end(words)) for words in (text, made.text)]
            if ends[0] != ends[1]:
                wrong.append((text, made.text))
    assert wrong == []


def _end(text: str) -> str:
    """The sign at the end of a text, whatever the script's form of it."""
    last = text.rstrip()[-1:]
    return {"。": ".", "：": ":", "？": "?", "…": "…"}.get(last, last if last in ".:?…" else "")


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_translator_wrote_is_kept(translations: ModuleType, language: str) -> None:
    known = {
        "Kept": translations.Translation("Behalten"),
        "Gone": translations.Translation("Weg"),
        "Never begun": translations.UNTRANSLATED,
        "Back": translations.Translation("Zurück", "vanished"),
    }
    made = translations.merged({"Kept": "a.py", "Back": "a.py", "New": "a.py"}, known)
    assert made["Kept"] == translations.Translation("Behalten")
    assert made["Gone"] == translations.Translation("Weg", "vanished")
    assert made["Back"] == translations.Translation("Zurück")
    assert made["New"] == translations.UNTRANSLATED
    assert "Never begun" not in made


def test_qts_own_tool_reads_the_files(tmp_path: Path) -> None:
    lrelease = shutil.which("lrelease")
    if lrelease is None or subprocess.run([lrelease, "-version"], capture_output=True).returncode:
        pytest.skip("needs Qt's lrelease")
    for language in LANGUAGES:
        source, target = I18N / f"geofm_{language}.ts", tmp_path / f"{language}.qm"
        done = subprocess.run([lrelease, str(source), "-qm", str(target)], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert "duplicate" not in done.stderr.lower()
