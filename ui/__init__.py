"""The dock: widgets that bind to one model of states; work runs as Processing algorithms."""
