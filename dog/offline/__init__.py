"""Everything that serves no list: past pitches evaluated, settings tuned, policies proved, models trained.

Where to look, from top to bottom; imports go downwards only:

| package or module | question it answers |
|---|---|
| `meta` | train, prove and switch on what is proved (`jobs train`, and weekly `jobs meta`) |
| `meta_due` | when is the weekly run due |
| `evaluation` | how good were scores, multipliers and rules (`jobs evaluate`) |
| `tuning` | which settings predict best (`jobs tune`) |
| `steering` | publish safer settings by itself, where they are proved better (`jobs steer`) |
| `proof` | is a challenger at least as good as the champion (`dog policy prove`, `dog policy shadow`) |
| `train_models` | fit the reference models and write their scores |
| `train_start` | fit the model `start` and prove it |
| `export_runs` | copy run records to MLflow (`dog runs export`) |
| `sample` | the public sample data (`python -m dog.offline.sample`) |
| `off_policy` | what would another policy have won, from logged propensities (`jobs off-policy`) |
| `replay` | what would scores and multipliers have been at each past pitch |
| `held_out_scores` | what would own models have said of past pitches, without their outcomes |
| `past_start`, `start_data` | the model `start` as it would have been at a moment; what it learns from |
| `report_page`, `report_charts` | a report as one HTML page, which the console shows too; what its charts share |
| `history` | read pitches, outcomes, streaks, laps, decisions and transactions |
| `statistics` | AUC, log loss, calibration, bootstrap intervals |
"""
