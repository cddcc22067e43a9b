"""The routes of the API, a module a noun; `engine/service/table.py` lists them all."""
