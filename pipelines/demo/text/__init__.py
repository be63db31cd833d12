"""The demo's sentences, one file a language; a package so that builds include them."""
