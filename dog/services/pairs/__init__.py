"""Looking at contacts, products and pairs: tables, ledgers, worklists."""
