"""Reports as single HTML files that need nothing else: no script, no font, no other file."""

from .assessment import write_assessment
from .page import write_text
from .training import Report, to_html, write_report

__all__ = ["Report", "to_html", "write_assessment", "write_report", "write_text"]
