"""Speech to text: engines behind one protocol, utterance cutting, workers."""
