/** The six that every culture is said to read; neutral and contempt are not among them. */
export const sixEmotions = ["happy", "sad", "surprised", "scared", "disgusted", "angry"] as const;
