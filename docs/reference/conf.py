"""Sphinx settings of the reference that `make docs` makes from the documentation of modules, filters and roles."""

project = "credex.ops"
copyright = "The credex.ops authors"  # noqa: A001 - Sphinx' name
title = html_short_title = "credex.ops reference"
extensions = ["sphinx_antsibull_ext"]
pygments_style = "ansible"
highlight_language = "YAML+Jinja"
html_theme = "alabaster"
html_use_index = False
html_copy_source = False
default_role = "any"
# Links into Ansible's own documentation would have to be fetched
suppress_warnings = ["ref.any", "ref.ref"]
