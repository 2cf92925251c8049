"""What can be chosen for the set-up; everything may stay as it is."""

from __future__ import annotations

import dataclasses

from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QCheckBox, QComboBox, QFormLayout, QLineEdit, QWidget

from ..algorithms.text import tr
from ..inference.environment import Plan, SetupOptions
from ..inference.environment.networks import HIDDEN, without_secrets
from ..inference.environment.requirements import EXTRAS
from ..inference.errors import InvalidRequest
from .path_field import FILE, FOLDER, path_field
from .setup_home import DataFolderField
from .widgets import column, form, muted, narrow_combo, select


class SetupOptionsForm(QWidget):
    """Binds to :class:`SetupOptions`; ``chosen`` tells others once an entry is finished."""

    chosen = pyqtSignal(object)

    def __init__(self, options: SetupOptions) -> None:
        super().__init__()
        self.setProperty("geofm", "plain")
        self._options = options
        self.home = DataFolderField()
        self.python = path_field(FILE, tr("The Python to make the engine's with"))
        self.accelerator = narrow_combo(QComboBox())
        for name, title in (
            ("auto", tr("GPU if there is one")),
            ("cpu", tr("Processor")),
            ("cuda", tr("NVIDIA GPU")),
        ):
            self.accelerator.addItem(title, name)
        self.accelerator.setToolTip(tr("What the libraries are built for; those for a GPU are larger"))
        self.index = _line(tr("Address of your own package index, for networks that reach no other"))
        self.further = _line(
            tr(
                "Addresses of further indexes, with spaces between: such as PyTorch's own index for a GPU, "
                "which its page Get Started on pytorch.org gives"
            )
        )
        self.proxy = _line(tr("Address of a proxy, such as http://proxy.example:3128"))
        self.certificates = path_field(
            FILE, tr("A PEM file with the authorities to trust"), "PEM (*.pem *.crt)"
        )
        self.bundle = path_field(
            FOLDER, tr("A folder that python -m geofm bundle wrote; nothing is fetched from a network")
        )
        self.extras = {name: QCheckBox(_extra_title(name)) for name in sorted(EXTRAS)}
        self.message = muted()
        self._lay_out()
        self.show_options(options)
        self._connect()

    def _lay_out(self) -> None:
        rows = form()
        # Addresses and paths need the width.
        rows.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapAllRows)
        for title, field in (
            (tr("Data folder"), self.home),
            (tr("Python"), self.python),
            (tr("Built for"), self.accelerator),
            (tr("Package index"), self.index),
            (tr("Further indexes"), self.further),
            (tr("Proxy"), self.proxy),
            (tr("Certificates"), self.certificates),
            (tr("From a folder (offline)"), self.bundle),
        ):
            rows.addRow(title, field)
        layout = column(self)
        layout.addLayout(rows)
        for box in self.extras.values():
            box.setToolTip(tr("ONNX networks on processors that have units for bf16"))
            layout.addWidget(box)
        layout.addWidget(self.message)
        self.message.hide()

    def _connect(self) -> None:
        for field in (self.python, self.certificates, self.bundle):
            field.fileChanged.connect(self._on_edited)
        for line in (self.index, self.further, self.proxy):
            line.editingFinished.connect(self._on_edited)
        self.accelerator.activated.connect(self._on_edited)
        for box in self.extras.values():
            box.toggled.connect(self._on_edited)

    def show_options(self, options: SetupOptions) -> None:
        """Fill the fields."""
        self.python.setFilePath(options.python)
        select(self.accelerator, options.accelerator, "auto")
        self.index.setText(options.index)
        self.further.setText(" ".join(options.extra_indexes))
        self.proxy.setText(options.proxy)
        self.certificates.setFilePath(options.certificates)
        self.bundle.setFilePath(options.bundle)
        for name, box in self.extras.items():
            box.setChecked(name in options.extras)

    def show_found(self, plan: Plan | None, network: SetupOptions) -> None:
        """Say what counts where nothing is chosen.

        Args:
            plan: of which Python is taken; None while that is not known.
            network: what QGIS's settings say of the network.
        """
        found = plan.python if plan is not None and plan.build is None else None
        python = str(found) if found is not None else tr("Found by itself")
        self.python.lineEdit().setPlaceholderText(python)
        for line in (self.index, self.further):
            line.setPlaceholderText(tr("As pip is configured"))
        proxy = without_secrets(network.proxy) or tr("None in QGIS's settings")
        self.proxy.setPlaceholderText(proxy)
        self.certificates.lineEdit().setPlaceholderText(network.certificates or tr("Those of this system"))
        self.bundle.lineEdit().setPlaceholderText(tr("None: over the network"))

    def _on_edited(self, *_: object) -> None:
        try:
            index = _with_login(self.index, self._options.index)
            further = _with_login(self.further, " ".join(self._options.extra_indexes))
            proxy = _with_login(self.proxy, self._options.proxy)
            options = dataclasses.replace(
                self._options,
                python=self.python.filePath().strip(),
                accelerator=str(self.accelerator.currentData()),
                index=index,
                extra_indexes=tuple(further.split()),
                proxy=proxy,
                certificates=self.certificates.filePath().strip(),
                bundle=self.bundle.filePath().strip(),
                extras=tuple(name for name, box in self.extras.items() if box.isChecked()),
            )
        except InvalidRequest as error:
            self._say(str(error))
            return
        self._say("")
        self._options = options
        # Whoever looks at the screen need not know them; the set-up does.
        for line, address in ((self.index, index), (self.further, further), (self.proxy, proxy)):
            if line.text() != without_secrets(address):
                line.setText(without_secrets(address))
        self.chosen.emit(options)

    def _say(self, text: str) -> None:
        self.message.setText(text)
        self.message.setVisible(bool(text))


def _with_login(line: QLineEdit, known: str) -> str:
    """An address with the login that its line does not show.

    Raises:
        InvalidRequest: where something else was changed in an address whose login is not shown.
    """
    text = " ".join(line.text().split())
    if known and text == without_secrets(known):
        return known
    if HIDDEN in text:
        raise InvalidRequest(
            tr("The name and password in this address are not shown."), tr("Write them again, or none.")
        )
    return text


def _extra_title(name: str) -> str:
    return {"openvino": tr("With OpenVINO")}.get(name, name)


def _line(tip: str) -> QLineEdit:
    line = QLineEdit()
    line.setToolTip(tip)
    return line
