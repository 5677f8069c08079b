"""One HTTP exchange and everything around it: retry, rate, deadline, tokens, hosts. The only importer of httpx."""
