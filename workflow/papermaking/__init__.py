"""Papers made of a plan's data: their templates, their drawing, and the questions about them."""
