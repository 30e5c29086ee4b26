import test from 'ava';
import { images } from '../../config/images.ts';

test('Nginx is served by the image that carries both modules', (t) => {
  t.is(images.nginx, images['apache-httpd']);
});
