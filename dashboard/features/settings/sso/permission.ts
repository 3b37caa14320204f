/** A provider can sign people in as anybody here: making and changing one takes every permission. */
export const EVERYTHING = "*";
