"""Actions as data: what menus, buttons, shortcuts and the palette offer."""
