"""What can be picked, as tables: models, data sets, methods, presets."""
