"""The few-shot benchmark, `make few-shot`: what each way of starting is worth after 0, 1, 2, 3, 5 and 10 events.

| module | question it answers |
|---|---|
| `run_few_shot` | run the data sets, keep their figures, write the page |
| `tasks`, `task_sources` | the data: who bought what first, and who is trained on |
| `basics` | what all methods share: product vectors, popularity |
| `count_methods`, `taste_methods`, `start_scores`, `memory` | methods in closed form |
| `meta_learners`, `metric_learners`, `torch_episodes` | methods fitted by gradient, in PyTorch |
| `method_names` | the methods by name |
| `contest`, `outcomes` | cross-fit and calibrate each method, and rank the products of test contacts |
| `calibration`, `list_figures` | the arithmetic of both |
| `few_shot_report`, `few_shot_picture` | tables and picture |
"""
