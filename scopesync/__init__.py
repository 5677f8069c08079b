"""GitOps for school and course scoping behind the DataSync Interop API.

Nothing is imported here, so that a command pays only for what it runs; `docs/architecture.md` draws the rooms.
"""
