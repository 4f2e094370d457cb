"""What is wrong with a lesson, or could be better told: advice, and mends. Judges no change."""
