"""The model `start`: scores for contacts, products and tenants with little history, adapted with every event.

| module | question it answers |
|---|---|
| `start_model` | what does the model say of a contact, given its attributes and events (used in requests) |
| `taste`, `fold_in`, `popularity`, `bands` | the parts of its score (used in requests) |
| `attribute_encoder` | how do attributes become numbers |
| `histories`, `episodes` | the data: who bought what first, cut after k events |
| `fit_start` | fit everything, in order |
| `product_vectors`, `fit_taste`, `cold_products` | fit the vectors of products and the tastes of contacts |
| `memory`, `learned_memory` | what did contacts like this one do with offers of a category (used in requests) |
| `memory_gate` | how much is that memory worth, on pitches that it did not hold |
| `gate` | does the taste rank better than popularity, by number of events |
"""
