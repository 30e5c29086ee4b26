import { setSourceMapsSupport } from 'node:module';

/*
 * AVA turns source maps on. Types are only blanked out, so every line and column is where it was
 * written; and to read the maps of each package is a quarter of a worker's time.
 */
setSourceMapsSupport(false);
