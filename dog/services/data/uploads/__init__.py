"""Files that people upload in the console: kept until they are loaded, rehearsed, loaded."""
