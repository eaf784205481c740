"""The model `start`: scores for contacts, products and tenants with little history, adapted with every event.

| module | question it answers |
|---|---|
| `start_model` | what does the model say of a contact, given its attributes and events (used in requests) |
| `attribute_encoder`, `taste`, `fold_in`, `bands` | the parts of its score (used in requests) |
| `cold_products`, `cold_terms`, `offset_prior` | what it says of products that few have bought (used in requests) |
| `start_file` | how is it stored (used in requests) |
| `memory`, `learned_memory` | what contacts like this one did with offers of a category (used in requests) |
| `histories`, `episodes` | the data: who bought what first, cut after k events |
| `fit_start` | fit everything, in order |
| `start_parts` | fit the parts to some contacts, before any calibration |
| `popularity`, `product_vectors`, `fit_taste`, `fit_cold_prior` | fit one part |
| `cross_fit`, `band_calibration`, `sampled_logistic` | calibrate the score by number of events, on contacts not seen |
| `fit_cold_terms`, `hidden_products` | weigh what speaks for cold products, on products not seen |
| `memory_gate` | how much is the memory worth, on pitches that it did not hold |
| `gate` | does the taste rank better than popularity, by number of events |

Modules used in requests import numpy only; `pyproject.toml` has the contract.
"""
