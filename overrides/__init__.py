"""How the site looks (templates, styles, browser code) and how it is built (hooks)."""
