"""Read contacts, products and contact-product pairs: tables, ledgers, worklists."""
