"""The web page over the exports: static files, the way to write them beside the documents, and a local server."""
