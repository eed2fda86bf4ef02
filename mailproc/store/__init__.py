"""What mailproc remembers (Tortoise ORM)."""
