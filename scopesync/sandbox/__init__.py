"""A local Interop API, written from the vendor's page alone; imports nothing else of scopesync."""
