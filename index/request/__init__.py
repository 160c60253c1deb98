"""What a question asks: language, documents and articles named, kind of answer."""
