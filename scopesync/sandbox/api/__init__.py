"""The engine: a request in, a response out, written from the API's page alone."""
