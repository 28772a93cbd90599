"""Build steps of the site, one file each: plain typed functions, with the MkDocs events that call them below."""
