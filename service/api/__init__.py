"""The API: contracts and thin endpoints. An endpoint checks a right, asks storage, logs the look and answers."""
