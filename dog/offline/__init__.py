"""Everything that serves no list: past pitches evaluated, settings tuned, policies proved, models trained.

Where to look, from top to bottom; imports go downwards only:

| package or module | question it answers |
|---|---|
| `evaluation` | how good were scores, multipliers and rules (`jobs evaluate`) |
| `tuning` | which settings predict best (`jobs tune`) |
| `steering` | publish safer settings by itself, where they are proved better (`jobs steer`) |
| `proof` | is a challenger at least as good as the champion (`dog policy prove`, `dog policy shadow`) |
| `train_models` | fit the reference models and write their scores (`jobs train`) |
| `train_start` | fit the model `start` and prove it (`jobs train`, and weekly) |
| `export_runs` | copy run records to MLflow (`dog runs export`) |
| `sample` | the public sample data (`python -m dog.offline.sample`) |
| `off_policy` | what would another policy have won, from logged propensities (`jobs off-policy`) |
| `replay` | what would scores and multipliers have been at each past pitch |
| `report_page` | a report as one HTML page, and what its charts share |
| `history` | read pitches, outcomes, streaks, laps, decisions and transactions |
| `statistics` | AUC, log loss, calibration, bootstrap intervals |
"""
