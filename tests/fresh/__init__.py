"""The product on machines that are not the developer's.

A wheel is built and installed, without extras, into environments outside the checkout: the newest Python
that is found with the newest libraries, and the oldest with the lowest ones that ``pyproject.toml``
allows. There the page is served by the ``hebbscope`` command and driven in Chromium. The driver lives in
the environment of the tests, never in those of the product.
"""
