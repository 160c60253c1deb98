"""Text itself: language, characters, numbers, places, repair. Knows no documents."""
